from __future__ import annotations

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.ciede2000 import ciede2000
from photochrom.evaluation.pair import Pair

# Sharma, Wu and Dalal 2005, table 1: two colors in Lab and their difference.
PUBLISHED = """
50 2.6772 -79.7751  50 0 -82.7485  2.0425
50 3.1571 -77.2803  50 0 -82.7485  2.8615
50 2.8361 -74.0200  50 0 -82.7485  3.4412
50 -1.3802 -84.2814  50 0 -82.7485  1.0000
50 -1.1848 -84.8006  50 0 -82.7485  1.0000
50 -0.9009 -85.5211  50 0 -82.7485  1.0000
50 0 0  50 -1 2  2.3669
50 -1 2  50 0 0  2.3669
50 2.4900 -0.0010  50 -2.4900 0.0009  7.1792
50 2.4900 -0.0010  50 -2.4900 0.0010  7.1792
50 2.4900 -0.0010  50 -2.4900 0.0011  7.2195
50 2.4900 -0.0010  50 -2.4900 0.0012  7.2195
50 -0.0010 2.4900  50 0.0009 -2.4900  4.8045
50 -0.0010 2.4900  50 0.0010 -2.4900  4.8045
50 -0.0010 2.4900  50 0.0011 -2.4900  4.7461
50 2.5 0  50 0 -2.5  4.3065
50 2.5 0  73 25 -18  27.1492
50 2.5 0  61 -5 29  22.8977
50 2.5 0  56 -27 -3  31.9030
50 2.5 0  58 24 15  19.4535
50 2.5 0  50 3.1736 0.5854  1.0000
50 2.5 0  50 3.2972 0  1.0000
50 2.5 0  50 1.8634 0.5757  1.0000
50 2.5 0  50 3.2592 0.3350  1.0000
60.2574 -34.0099 36.2677  60.4626 -34.1751 39.4387  1.2644
63.0109 -31.0961 -5.8663  62.8187 -29.7946 -4.0864  1.2630
61.2901 3.7196 -5.3901  61.4292 2.2480 -4.9620  1.8731
35.0831 -44.1164 3.7933  35.0232 -40.0716 1.5901  1.8645
22.7233 20.0904 -46.6940  23.0331 14.9730 -42.5619  2.0373
36.4612 47.8580 18.3852  36.2715 50.5065 21.2231  1.4146
90.8027 -2.0831 1.4410  91.1528 -1.6435 0.0447  1.4441
90.9257 -0.5406 -0.9208  88.6381 -0.8985 -0.7239  1.5381
6.7747 -0.2908 -2.4247  5.8714 -0.0985 -2.2286  0.6377
2.0776 0.0795 -1.1350  0.9033 -0.0636 -0.5514  0.9082
"""
TABLE = np.array([line.split() for line in PUBLISHED.strip().splitlines()], np.float64).T


def test_published_pairs() -> None:
    assert TABLE.shape == (7, 34)
    np.testing.assert_allclose(ciede2000(TABLE[:3], TABLE[3:6]), TABLE[6], atol=1e-4, rtol=0)


def test_is_symmetric() -> None:
    np.testing.assert_allclose(ciede2000(TABLE[3:6], TABLE[:3]), TABLE[6], atol=1e-4, rtol=0)


def test_colors_everywhere_as_scikit_image() -> None:
    generator = np.random.default_rng(0)
    one, other = generator.uniform([0, -90, -110], [100, 100, 95], (2, 5000, 3))
    expected = deltaE_ciede2000(one, other)
    np.testing.assert_allclose(ciede2000(one.T, other.T), expected, atol=1e-9)
    single = ciede2000(one.T.astype(np.float32), other.T.astype(np.float32))
    assert single.dtype == np.float32
    assert abs(single - expected).mean() < 1e-4


def test_equal_colors_do_not_differ() -> None:
    lab = np.random.default_rng(0).uniform(-100, 100, (3, 40, 40)).astype(np.float32)
    assert not ciede2000(lab, lab).any()
    assert not ciede2000(np.zeros((3, 1)), np.zeros((3, 1))).any()


def test_a_picture_counts_as_its_mean(pairs: list[Pair]) -> None:
    metric = build_metric("ciede2000")
    sums = np.sum([metric.measure(pair) for pair in pairs], 0)
    labs = [(np.moveaxis(p.predicted_lab, 0, -1), np.moveaxis(p.true_lab, 0, -1)) for p in pairs]
    expected = np.mean([deltaE_ciede2000(*lab).mean() for lab in labs])
    assert metric.figure(sums, len(pairs)) == pytest.approx(expected, abs=1e-4)
