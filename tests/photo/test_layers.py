import subprocess
import sys

HEAVY = ("torch", "onnxruntime", "tifffile", "imagecodecs", "PIL.ImageCms", "xml.dom.minidom")


def test_reading_and_writing_import_nothing_heavy():
    code = (
        "import sys, photochrom.photo.decode, photochrom.photo.encode\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr
