"""What systems and servers leave in people's folders: trash, thumbnails, indexes, spare parts."""

from __future__ import annotations

_NAMES = (
    # Of Synology, QNAP and other servers.
    *("@eaDir", "@tmp", "@sharebin", "@Recycle", "@Recently-Snapshot", ".@__thumb", "#recycle"),
    *("#snapshot", ".@upload_cache", ".snapshot", ".zfs"),
    # Of Windows.
    *("$RECYCLE.BIN", "RECYCLER", "System Volume Information", "Thumbs.db", "ehthumbs.db"),
    *("ehthumbs_vista.db", "desktop.ini"),
    # Of Linux.
    *(".Trash", "lost+found", ".thumbnails", ".sh_thumbnails", ".directory"),
    # Of Macs, also on the disks and in the archives of others.
    *("__MACOSX", ".DS_Store", ".AppleDouble", ".AppleDB", ".AppleDesktop", ".Trashes"),
    *(".Spotlight-V100", ".fseventsd", ".TemporaryItems", "Temporary Items", ".apdisk"),
    *("Network Trash Folder", ".DocumentRevisions-V100", ".VolumeIcon.icns", ".localized"),
    # Of programs that look after pictures.
    *(".picasa.ini", "Picasa.ini", "ZbThumbnail.info", ".dtrash", ".xvpics"),
)
_CALLED = {name.lower(): name for name in _NAMES}
_BEGINNINGS = {"._": "._*", ".trash-": ".Trash-*"}
"""AppleDouble files, one beside every file that a Mac copied, and the trash of each user."""


def litter_of(name: str) -> str:
    """What the litter of this name is called, as ``.Trash-*`` of ``.Trash-1000``; else empty."""
    small = name.lower()
    for beginning, called in _BEGINNINGS.items():
        if small.startswith(beginning) and small != beginning:
            return called
    return _CALLED.get(small, "")
