"""What holds for every test: a slow machine is no defect, so no example is timed; a night tries more."""

from hypothesis import settings

from tests.depth import NIGHTLY

settings.register_profile("usual", deadline=None)
settings.register_profile("nightly", deadline=None, max_examples=1000)
settings.load_profile("nightly" if NIGHTLY else "usual")
