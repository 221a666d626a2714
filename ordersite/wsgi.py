"""The register for a web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
application = get_wsgi_application()
# What has been loaded by now stays: looked through again and again for what may be freed, it made one page in hundreds
# wait for some tenths of a second.
gc.collect()
gc.freeze()
