"""Supervisor's page in a real Chromium: PostgreSQL is stopped there, restored by a classic call, and started there again."""
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service as Driver
from selenium.webdriver.common.by import By

from support.programs import needed
from support.world import wait_until


@pytest.fixture
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = needed("chromium")
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync"):
        options.add_argument(flag)
    driver = webdriver.Chrome(service=Driver(needed("chromedriver")), options=options)
    yield driver
    driver.quit()


def row_of(browser, program):
    return next(row for row in browser.find_elements(By.CSS_SELECTOR, "tbody tr") if program in row.text)


def click(browser, program, what):
    next(a for a in row_of(browser, program).find_elements(By.TAG_NAME, "a") if a.text.strip().lower() == what).click()


def test_a_restore_between_a_stop_and_a_start(lab, browser):
    made = lab.container(SUPERVISOR_USER="keeper", SUPERVISOR_PASSWORD="open").wait_until_up().wait_for_first_backup()
    made.sql("create table kept as select 1 as n")
    page = f"http://keeper:open@127.0.0.1:{made.port(9001)}/"

    browser.get(page)
    assert "running" in row_of(browser, "postgresql").text.lower()
    click(browser, "postgresql", "stop")
    wait_until(lambda: "Postgres status False" in made.ask("/pgBackRest/db_status").text, 60, "the stop")
    restored = made.ask("/pgBackRest/restore/delta?wait=true")
    assert restored.status == 200, restored.text
    assert not made.answers()
    browser.get(page)
    assert "stopped" in row_of(browser, "postgresql").text.lower()
    click(browser, "postgresql", "start")
    made.wait_until_up()

    assert made.sql("select n from kept") == "1"
    made.seal()
    browser.get(f"{page}tail.html?processname=postgresql")
    assert "database system is ready" in browser.page_source
    browser.get(f"{page}tail.html?processname=restpoint")
    assert "restpoint" in browser.page_source and "job" in browser.page_source


def test_its_password_is_made_up_once(lab):
    data, home = lab.volume(), lab.volume()
    made = lab.container(data=data, volumes={home: "/var/lib/restpoint"}).wait_until_up()
    said = next(line for line in made.log().splitlines() if "user admin, password" in line)
    password = said.rpartition(" ")[2]

    def status(given):
        return made.exec("python3", "-c", f"""
import urllib.request, urllib.error, base64
ask = urllib.request.Request("http://127.0.0.1:9001/")
ask.add_header("Authorization", "Basic " + base64.b64encode(b"admin:{given}").decode())
try:
    print(urllib.request.urlopen(ask).status)
except urllib.error.HTTPError as error:
    print(error.code)""").stdout.strip()
    assert status(password) == "200"
    assert status("wrong") == "401"

    lab.engine.docker("restart", made.name)
    made.wait_until_up()
    assert made.log().count("user admin, password") == 1
    assert status(password) == "200"
