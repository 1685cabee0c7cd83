"""Lets `python -m cloud` stand for `holdfast-cloud`, where no console script is on the PATH."""

import sys

from cloud.cli import main

sys.exit(main())
