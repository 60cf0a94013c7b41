"""``python -m photochrom``."""

from photochrom.cli.main import main

main()
