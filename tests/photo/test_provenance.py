import time
import xml.etree.ElementTree as ElementTree

import pytest

from photochrom.photo.provenance import IPTC, PHOTOCHROM, SOURCE_TYPE, Provenance, stamped_xmp
from photochrom.photo.xmp import RDF

OURS = Provenance("photochrom 0.1.0", "photochrom", "2024.1", 'strength=1 <&"\x00>')
THEIRS = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="{RDF}">
<r:Description r:about="uuid:1" xmlns:odd="urn:odd" odd:note="kept &amp; sound"
 xmlns:e="{IPTC}" e:DigitalSourceType="old"/>
<r:Description r:about="uuid:1" xmlns:e="{IPTC}"><e:DigitalSourceType>old</e:DigitalSourceType>
<e:Event>Wedding</e:Event></r:Description>
</r:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


def descriptions(xmp: bytes) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(xmp).iter(f"{{{RDF}}}Description"))


def states_provenance(xmp: bytes) -> bool:
    values = [d.get(f"{{{IPTC}}}DigitalSourceType") for d in descriptions(xmp)]
    return [value for value in values if value] == [SOURCE_TYPE]


def test_a_packet_of_our_own():
    xmp = stamped_xmp(None, OURS)
    assert xmp.startswith(b"<?xpacket begin=")
    assert xmp.endswith(b'<?xpacket end="w"?>')
    (ours,) = descriptions(xmp)
    assert ours.get(f"{{{IPTC}}}DigitalSourceType") == SOURCE_TYPE
    assert ours.get(f"{{{PHOTOCHROM}}}Model") == "photochrom"
    assert ours.get(f"{{{PHOTOCHROM}}}ModelVersion") == "2024.1"
    assert ours.get(f"{{{PHOTOCHROM}}}Settings") == 'strength=1 <&" >'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_theirs_survives(encoding):
    xmp = stamped_xmp(THEIRS.decode().encode(encoding), OURS)
    assert states_provenance(xmp)
    assert b"old" not in xmp.replace(b"urn:odd", b"")
    first, second, ours = descriptions(xmp)
    assert first.get("{urn:odd}note") == "kept & sound"
    assert second.find(f"{{{IPTC}}}Event").text == "Wedding"
    assert ours.get(f"{{{RDF}}}about") == "uuid:1"


def test_stamping_twice_states_it_once():
    again = Provenance("photochrom 0.2.0", "other", "2", "")
    xmp = stamped_xmp(stamped_xmp(THEIRS, OURS), again)
    assert states_provenance(xmp)
    assert [d.get(f"{{{PHOTOCHROM}}}Model") for d in descriptions(xmp)][-1] == "other"
    assert b"2024.1" not in xmp


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">%s]><x xmlns:r="%s"><r:RDF>&h;</r:RDF></x>""" % (
    b"".join(
        b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 50) for level in range(7)
    ),
    RDF.encode(),
)


@pytest.mark.parametrize(
    "xmp",
    [
        b"",
        b"not xml",
        b"\xff\xfe\xff",
        b"<x/>",
        THEIRS[:-200],
        BOMB,
        BOMB.decode().encode("utf-16"),
        b"<x>" * 40_000,
        b"<a>" * 20_000 + b'<r:RDF xmlns:r="%s"/>' % RDF.encode() + b"</a>" * 20_000,
        b" " * 5_000_000 + THEIRS,
    ],
)
def test_what_is_no_honest_packet_is_left_out(xmp):
    start = time.monotonic()
    assert stamped_xmp(xmp, OURS) == stamped_xmp(None, OURS)
    assert time.monotonic() - start < 20


def test_a_document_type_is_refused_even_when_harmless():
    harmless = b"<!DOCTYPE x>" + THEIRS.split(b"\n", 1)[1]
    assert stamped_xmp(harmless, OURS) == stamped_xmp(None, OURS)
