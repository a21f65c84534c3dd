"""`python -m starter.gateway`."""

import sys

from starter.gateway.main import main

sys.exit(main())
