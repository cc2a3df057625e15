#!/usr/bin/python3
"""The whole form in a real browser without scripts. TAP on stdout.

Needs a running site: BASE_URL, USER and PASSWORD (an operator). Optional:
  SHOTS     folder for screenshots and the printed page
  ANSWER    a command that answers the open dry run, where no worker runs
  PERSON    e-mail address of the person to offboard
  NAME      the name to type for that person
  CASE      an offboarding to look at, as OB-000001 (default: the new one)
Skips, saying why, when Debian's chromium or selenium is missing.
"""
import base64
import os
import subprocess
import sys
import tempfile
import time
from urllib.parse import urlsplit

BROWSER, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
WIDTHS = (320, 768, 1280)
count = failed = 0


def ok(good, what, why=""):
    global count, failed
    count += 1
    if not good:
        failed += 1
    print(f"{'ok' if good else 'not ok'} {count} - {what}", flush=True)
    if not good and why:
        print("# " + str(why).replace("\n", "\n# "), flush=True)


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


for program in (BROWSER, DRIVER):
    if not os.access(program, os.X_OK):
        skip_all(f"{program} is not installed")
try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.common.by import By
except ImportError:
    skip_all("python3-selenium is not installed")
BASE = os.environ.get("BASE_URL", "").rstrip("/")
if not BASE:
    skip_all("BASE_URL names no running site")
SHOTS = os.environ.get("SHOTS", "")
PERSON = os.environ.get("PERSON", "anna@corp.example")
NAME = os.environ.get("NAME", "Anna <b>Fields</b>")


def start(scripts, dark=False):
    options = Options()
    options.binary_location = BROWSER
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu",
                 "--disable-quic", "--no-first-run",
                 "--disable-background-networking",
                 "--disable-component-update", "--disable-sync",
                 "--disable-dev-shm-usage", "--hide-scrollbars",
                 "--window-size=1280,900"):
        options.add_argument(flag)
    options.add_argument("--user-data-dir=" + tempfile.mkdtemp(
        prefix="offboard-browser-"))
    if dark:
        options.add_argument("--blink-settings=preferredColorScheme=0")
    if not scripts:
        options.add_experimental_option("prefs", {
            "profile.managed_default_content_settings.javascript": 2})
    driver = webdriver.Chrome(service=Service(DRIVER), options=options)
    driver.set_page_load_timeout(30)
    return driver


def sign_in(driver, user=None, password=None):
    parts = urlsplit(BASE)
    user = user or os.environ.get("USER", "it")
    password = password or os.environ.get("PASSWORD", "demo")
    driver.get(f"{parts.scheme}://{user}:{password}@{parts.netloc}/")
    driver.get(BASE + "/")


def shoot(driver, name):
    if SHOTS:
        metrics = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})
        size = metrics["cssContentSize"]
        png = driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True, "clip": {
                "x": 0, "y": 0, "width": size["width"],
                "height": min(size["height"], 6000), "scale": 1}})
        with open(os.path.join(SHOTS, name + ".png"), "wb") as out:
            out.write(base64.b64decode(png["data"]))


def resize(driver, width, dark=False):
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 900, "deviceScaleFactor": 1,
        "mobile": False})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{
        "name": "prefers-color-scheme",
        "value": "dark" if dark else "light"}]})


def heading(driver):
    for _ in range(50):
        try:
            return driver.find_element(By.TAG_NAME, "h1").text
        except WebDriverException:
            time.sleep(0.1)     # the page is being replaced
    return ""


def follow(driver, element):
    """Clicks and waits for the next page: without scripts nobody tells."""
    old = driver.find_element(By.TAG_NAME, "html")
    element.click()
    for _ in range(100):
        try:
            old.is_enabled()
            time.sleep(0.05)
        except WebDriverException:
            break
    heading(driver)


def press(driver, css="main button.btn"):
    follow(driver, driver.find_element(By.CSS_SELECTOR, css))


def fill(driver, name, text):
    box = driver.find_element(By.NAME, name)
    box.clear()
    box.send_keys(text)


def tick(driver, ident):
    driver.find_element(By.ID, ident).click()


def wait_found(driver):
    """The dry run: by the worker, or by ANSWER where there is none."""
    if os.environ.get("ANSWER") and heading(driver) == "Looking …":
        subprocess.run(os.environ["ANSWER"], shell=True, check=True)
    end = time.time() + 20
    while time.time() < end:
        if not heading(driver).startswith("Looking"):
            return
        time.sleep(0.3)


def first_steps(driver, shots):
    """Who, when and who takes over, with the refusals on the way."""
    driver.get(BASE + "/offboardings/new")
    ok(heading(driver) == "Who is leaving?", "the first page asks who")
    shots("1-who")
    fill(driver, "email", "not an address")
    press(driver)
    ok(driver.title.startswith("Error: "), "a wrong address is an error",
       driver.title)
    ok(driver.find_element(By.NAME, "email").get_attribute("value") ==
       "not an address", "what was typed is kept")
    shots("1-who-error")
    fill(driver, "email", PERSON)
    fill(driver, "name", NAME)
    fill(driver, "employee_id", "1006")
    press(driver)
    ok(heading(driver) == "When should access end?",
       "the second page asks when")
    ok(not driver.find_elements(By.CSS_SELECTOR, "main input:checked"),
       "nothing is chosen beforehand")
    ok(NAME in driver.find_element(By.CLASS_NAME, "person").text,
       "the person is in view, markup shown as text")
    shots("2-when")
    tick(driver, "when-at")
    for name, text in (("day", "28"), ("month", "March"), ("year", "2027"),
                       ("time", "01:30"), ("zone", "Europe/London")):
        fill(driver, name, text)
    press(driver)
    ok("does not exist" in driver.page_source,
       "a time in the clock change is refused",
       driver.find_element(By.TAG_NAME, "main").text)
    shots("2-when-gap")
    fill(driver, "time", "17:00")
    press(driver)
    ok(heading(driver) == "Who takes over?", "the third page asks for an heir",
       driver.find_element(By.TAG_NAME, "main").text)
    shots("3-heir")


def last_steps(driver, shots):
    tick(driver, "heir-person")
    fill(driver, "handover", "boss@corp.example")
    fill(driver, "reason", "Leaves for another job")
    press(driver)
    shots("4-looking")
    wait_found(driver)
    ok(heading(driver) == "What will end", "the dry run is shown",
       driver.find_element(By.TAG_NAME, "main").text)
    shots("4-found")
    press(driver)
    ok(heading(driver).startswith("Check your answers"),
       "the last page shows the answers")
    text = driver.find_element(By.TAG_NAME, "main").text
    ok("28 March 2027, 17:00 (Europe/London, UTC+1) = "
       "28 March 2027, 16:00 (UTC)" in text,
       "the time is shown in its zone and in UTC", text)
    shots("5-check")
    press(driver, "main a[href*='step=when']")
    tick(driver, "when-now")
    press(driver)
    ok(heading(driver).startswith("Check your answers"),
       "a change leads back to the answers", heading(driver))
    button = driver.find_element(By.CSS_SELECTOR, "main button.danger")
    ok(button.text == f"End all access for {NAME}",
       "the button says what it does", button.text)
    follow(driver, button)


def flow(driver):
    def shots(name):
        for width in (320, 1280):
            resize(driver, width)
            shoot(driver, f"{name}-{width}")
        resize(driver, 1280)

    first_steps(driver, shots)
    last_steps(driver, shots)
    path = urlsplit(driver.current_url).path
    ok(path.startswith("/offboardings/OB-"), "the offboarding has its page",
       path)
    ok(NAME in heading(driver), "its page names the person",
       heading(driver))
    return path.rsplit("/", 1)[1]


def measure(case, dark):
    """Widths, with scripts on; pictures of every page in both colours."""
    driver = start(scripts=True, dark=dark)
    try:
        sign_in(driver)
        for name, path in (("list", "/"), ("case", f"/offboardings/{case}"),
                           ("tasks", "/tasks"), ("systems", "/systems"),
                           ("hosts", "/hosts"), ("audit", "/audit?verify=1"),
                           ("act", f"/offboardings/{case}/cancel")):
            for width in WIDTHS:
                resize(driver, width, dark)
                driver.get(BASE + path)
                wide = driver.execute_script(
                    "return document.documentElement.scrollWidth")
                if not dark:
                    ok(wide <= width, f"{name} fits {width} px",
                       f"{wide} px wide")
                shoot(driver, f"page-{name}-{width}-"
                      f"{'dark' if dark else 'light'}")
        driver.get(f"{BASE}/offboardings/{case}")
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": "print"})
        ink = driver.execute_script(
            "var s = getComputedStyle(document.body);"
            "return s.color + ' on ' + s.backgroundColor")
        ok(ink == "rgb(0, 0, 0) on rgb(255, 255, 255)",
           "paper is black on white", ink)
        shoot(driver, "print-dark" if dark else "print-light")
        if dark:
            return
        page = driver.execute_cdp_cmd("Page.printToPDF", {
            "printBackground": False, "preferCSSPageSize": True})
        pdf = base64.b64decode(page["data"])
        ok(pdf.startswith(b"%PDF"), "the page prints")
        if SHOTS:
            with open(os.path.join(SHOTS, "case.pdf"), "wb") as out:
                out.write(pdf)
        ok(not [entry for entry in driver.get_log("browser")
                if "favicon" not in entry["message"]
                and "status of 40" not in entry["message"]],
           "the browser complains about nothing")
    finally:
        driver.quit()


def main():
    if SHOTS:
        os.makedirs(SHOTS, exist_ok=True)
    driver = start(scripts=False)
    try:
        sign_in(driver)
        ok("Offboardings" in driver.title, "the list is shown", driver.title)
        made = flow(driver)
    finally:
        driver.quit()
    case = os.environ.get("CASE", made)
    for dark in (False, True):
        measure(case, dark)
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
