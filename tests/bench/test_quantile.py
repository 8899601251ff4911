import pytest

from maxserve.bench.histogram import Histogram
from maxserve.bench.quantile import Quantiles, Spread, median, quantile


def test_a_quantile_is_interpolated_between_neighbours():
    assert quantile([1.0], 0.99) == 1.0
    assert quantile([1.0, 2.0, 3.0], 0.5) == 2.0
    assert quantile([0.0, 10.0], 0.25) == 2.5
    assert quantile(list(map(float, range(101))), 0.99) == 99.0
    assert median([3.0, 1.0, 2.0]) == 2.0


def test_no_values_have_no_quantile():
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)
    assert Quantiles.of([]) is None
    assert Spread.of([]) is None


def test_quantiles_take_values_in_any_order():
    assert Quantiles.of([3.0, 1.0, 2.0]) == Quantiles(count=3, p50=2.0, p99=pytest.approx(2.98), most=3.0)


def test_ratios_are_paired_by_round():
    # The machine is half as fast in the second round: the ratio of each pair does not show it, a ratio of sums would.
    assert Spread.of_ratios([10.0, 5.0, 12.0], [20.0, 10.0, 20.0]) == Spread(0.5, 0.5, 0.6)


def test_a_round_without_a_partner_is_left_out():
    assert Spread.of_ratios([1.0, None, 3.0], [2.0, 2.0, None]) == Spread(0.5, 0.5, 0.5)
    assert Spread.of_ratios([1.0], [0.0]) is None
    assert Spread.of_differences([1.0, None], [0.25, 1.0]) == Spread(0.75, 0.75, 0.75)


def test_a_histogram_knows_a_value_to_within_its_bucket():
    histogram = Histogram()
    for value in (0.0, 0.3, 5.0, 4000.0):
        histogram.add(value)
    assert histogram.quantile(0.0) == 0.0
    assert histogram.quantile(0.34) == pytest.approx(0.3, rel=0.016)
    assert histogram.quantile(0.67) == pytest.approx(5.0, rel=0.016)
    assert histogram.quantile(1.0) == pytest.approx(4000.0, rel=0.016)


def test_histograms_merge():
    one, other = Histogram(), Histogram()
    one.add(1.0, 99)
    other.add(64.0)
    one.merge(other)
    assert len(one) == 100
    quantiles = one.quantiles()
    assert quantiles is not None
    assert quantiles.p50 == pytest.approx(1.0, rel=0.016)
    assert quantiles.most == pytest.approx(64.0, rel=0.016)


def test_an_empty_histogram_has_no_quantiles():
    assert Histogram().quantiles() is None
    with pytest.raises(ValueError, match="no values"):
        Histogram().quantile(0.5)
