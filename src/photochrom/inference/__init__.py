"""From a photograph to a colored photograph: sessions, the Colorizer, folder runs."""
