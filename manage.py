#!/usr/bin/env python3
"""Django's command line. `bin/manage` calls it in the right environment with the services up."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
