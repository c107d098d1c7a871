"""The picture of the page to explore: ``make picture`` writes docs/explore.png (Debian's chromium and Playwright)."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
FORMULA = "1/(1 + |r|/lambda)^2"


def take(path: Path) -> None:
    """Start the server as a user does, type a formula, and take a picture of the answer."""
    command = [sys.executable, "-m", "symtrans", "explore", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        try:
            address = re.search(r"http://\S+", server.stdout.readline())[0]
            browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1100, "height": 1240})
            page.goto(address)
            page.get_by_label("Formula in r").fill(FORMULA)
            page.keyboard.press("Enter")
            page.locator("path.after").wait_for(timeout=60_000)
            page.screenshot(path=path)
            browser.close()
        finally:
            server.terminate()


if __name__ == "__main__":
    take(Path(__file__).with_name("explore.png"))
