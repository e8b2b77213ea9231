"""A child for tests that does what it is told: `python -m builders.misbehaving`."""

import os
import sys
import time
from pathlib import Path

from interact.reports.serving import limit, serve


def obey(request):
    """Do what the request says."""
    match request["do"]:
        case "sleep":
            time.sleep(60)
        case "spin":
            while True:
                pass
        case "eat":
            return {"eaten": len(bytes(3 * 1024**3))}
        case "raise":
            raise ValueError("the paper is out")
        case "exit":
            os._exit(7)
        case "print":
            sys.stdout.write("this is no answer\n")
            sys.stdout.flush()
        case "environment":
            return {"environment": dict(os.environ), "folder": str(Path.cwd())}
    return {"done": request["do"]}


if __name__ == "__main__":
    limit(memory_bytes=2 * 1024**3)
    serve(obey)
    sys.exit(0)
