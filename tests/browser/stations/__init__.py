"""Tests of the stations on staff screens and on guests' phones, in real browsers."""
