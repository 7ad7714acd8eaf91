"""Fetch the certificate to trust: `python fetch_ca.py http://lookalike /tmp/lookalike.pem`."""

import sys
from urllib.request import urlretrieve

urlretrieve(f"{sys.argv[1]}/_lookalike/ca.pem", sys.argv[2])
