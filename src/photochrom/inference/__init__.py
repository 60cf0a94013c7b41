"""From a photograph to a coloured photograph: sessions, the Colorizer, folder runs."""
