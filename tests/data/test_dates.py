"""Dates are read as written, and not guessed."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camgan_lib.data.dates import as_text, exif_date, is_possible, seconds_between, written_dates


@pytest.mark.parametrize(
    ("text", "date"),
    {
        "2021:08:01 15:57: 7": (2021, 8, 1, 15, 57, 7),
        "2021:08:02 20:19:45   :  ": (2021, 8, 2, 20, 19, 45),
        "2021-08-03T17:02:11+02:00": (2021, 8, 3, 17, 2, 11),
        "2021/08/05 17:02": (2021, 8, 5, 17, 2, 0),
        "2021:08:06 00:15:00Z": (2021, 8, 6, 0, 15, 0),
        "2021:08:07 10:00:00.123": (2021, 8, 7, 10, 0, 0),
        "2021:08:08": (2021, 8, 8, 0, 0, 0),
        "2021:08:11 24:00:00": (2021, 8, 11, 24, 0, 0),
        "2021:08:12 10:59:60": (2021, 8, 12, 10, 59, 60),
        "2021:08:01\n10:00:00\r\n": (2021, 8, 1, 10, 0, 0),
        "20190531 170211": (2019, 5, 31, 17, 2, 11),
        "2021:8:9 1:02:03": (2021, 8, 9, 1, 2, 3),
    }.items(),
)
def test_what_a_person_can_read_is_understood(text, date):
    assert exif_date(text) == date


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "0000:00:00 00:00:00",
            "05/31/2019 5:02 PM",
            "31.05.2019 17:02",
            "19:05:31 17:02:11",
            "1559322131000",
        ),
        *("12345:05:31 17:02:11", "2019:13:45 25:61:61", "2019:02:30 10:00:00", "7" * 5000, "2019:05:31 25:00:00"),
        *("ÿþ2\0000\0001", "Fri May 31 17:02:11 2019"),
    ],
)
def test_anything_else_is_no_date(text):
    assert exif_date(text) is None


@given(st.text())
def test_no_text_raises(text):
    exif_date(text)
    written_dates([text, "1/13/2020", text])


@given(st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), min_size=2, max_size=5))
def test_dates_in_order_are_in_the_order_of_time(moments):
    dates = [exif_date(moment.strftime("%Y:%m:%d %H:%M:%S")) for moment in moments]
    assert [as_text(date) for date in dates] == [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in moments]
    assert [date for date in sorted(dates)] == [dates[moments.index(moment)] for moment in sorted(moments)]
    whole = [moment.replace(microsecond=0) for moment in moments]
    assert seconds_between(dates[0], dates[1]) == (whole[1] - whole[0]) / timedelta(seconds=1)


def test_a_column_shows_its_own_order():
    assert written_dates(["5/10/2019 5:02 PM", "5/13/2019"]) == [(2019, 5, 10, 17, 2, 0), (2019, 5, 13, 0, 0, 0)]
    assert written_dates(["10.05.2019", "13.05.2019 12:00"]) == [(2019, 5, 10, 0, 0, 0), (2019, 5, 13, 12, 0, 0)]
    assert written_dates(["5/10/2019", "6/7/2019"]) == [None, None]
    assert written_dates(["13/5/2019", "5/13/2019"]) == [None, None]
    assert written_dates(["5/10/2019", "2019-05-31", ""]) == [None, (2019, 5, 31, 0, 0, 0), None]


@pytest.mark.parametrize("text", ["31 May 2019 17:02", "May 31, 2019 5:02 PM", "31-May-2019 17:02:00"])
def test_months_may_have_names(text):
    assert written_dates([text]) == [(2019, 5, 31, 17, 2, 0)]


def test_midnight_and_noon_in_twelve_hours():
    assert written_dates(["5/31/2019 12:05 AM", "5/31/2019 12:05 pm"]) == [
        (2019, 5, 31, 0, 5, 0),
        (2019, 5, 31, 12, 5, 0),
    ]


@pytest.mark.parametrize("year", [1904, 1970, 1980, 2036, 2107])
def test_a_clock_without_power_is_not_believed(year):
    assert not is_possible((year, 1, 1, 0, 0, 0))


def test_only_the_first_minute_of_2000_is_a_clocks():
    assert not is_possible((2000, 1, 1, 0, 0, 41))
    assert is_possible((2000, 1, 1, 14, 3, 0))
