"""What a person sees in a real Chromium during a backup."""
import os
import pathlib

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service as Driver
from selenium.webdriver.common.by import By

from support import world


@pytest.fixture(scope="session")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1100,760"):
        options.add_argument(flag)
    # The page streams for as long as the backup runs: do not wait for its end.
    options.page_load_strategy = "none"
    driver = webdriver.Chrome(service=Driver("/usr/bin/chromedriver"), options=options)
    yield driver
    driver.quit()


def lines(browser):
    return len(browser.find_element(By.CSS_SELECTOR, ".log").text.splitlines())


def picture(browser, name):
    folder = os.environ.get("TEST_SCREENSHOTS")
    if folder:
        browser.save_screenshot(str(pathlib.Path(folder) / name))


def test_a_backup_is_watched_and_reloading_starts_nothing(browser, slow_service):
    url = f"http://127.0.0.1:{slow_service.port}"
    browser.get(f"{url}/pgBackRest/backup/full?level=detail")
    world.wait_until(lambda: "/pgBackRest/jobs/" in browser.current_url, 20, "the job's own page")
    job_id = slow_service.jobs()[0]["id"]
    world.wait_until(lambda: browser.find_elements(By.CSS_SELECTOR, ".log"), 10, "the log")
    world.wait_until(lambda: lines(browser) >= 3, 20, "the first lines")
    assert slow_service.job(job_id)["state"] == "running", "lines came only after the end"
    assert not browser.find_elements(By.CSS_SELECTOR, ".outcome")
    picture(browser, "running.png")

    for _ in range(10):
        browser.refresh()
        world.wait_until(lambda: browser.find_elements(By.CSS_SELECTOR, ".log"), 10, "the log again")
    assert len(slow_service.jobs()) == 1

    job = slow_service.wait_for(job_id)
    outcome = world.wait_until(lambda: browser.find_elements(By.CSS_SELECTOR, ".outcome"), 20, "the outcome")[0]
    world.wait_until(lambda: outcome.is_displayed(), 5, "the outcome shown")
    assert job["state"] == "succeeded"
    assert "Success" in outcome.text
    assert outcome.location["y"] < browser.find_element(By.CSS_SELECTOR, ".log").location["y"], "the outcome is not on top"
    browser.execute_script("window.scrollTo(0, 0)")
    picture(browser, "succeeded.png")


def test_the_start_page_starts_a_backup_by_its_button(browser, service):
    browser.get(f"http://127.0.0.1:{service.port}/")
    buttons = world.wait_until(lambda: browser.find_elements(By.CSS_SELECTOR, "form button"), 20, "the buttons")
    picture(browser, "start.png")
    assert service.jobs() == []
    next(b for b in buttons if "full" in b.text.lower()).click()
    world.wait_until(lambda: "/pgBackRest/jobs/" in browser.current_url, 20, "the job's own page")

    jobs = service.jobs()
    assert [j["kind"] for j in jobs] == ["backup"] and jobs[0]["type"] == "full"
    service.wait_for(jobs[0]["id"])


def test_markup_in_a_log_is_text_in_the_browser(browser, service):
    job_id = service.back_up("incr", annotations={"note": "<script>document.title='taken over'</script>"})
    service.wait_for(job_id)
    browser.get(f"http://127.0.0.1:{service.port}/pgBackRest/jobs/{job_id}?level=detail")
    world.wait_until(lambda: browser.find_elements(By.CSS_SELECTOR, ".outcome"), 20, "the whole page")

    assert "<script>" in browser.find_element(By.CSS_SELECTOR, ".log").text
    assert browser.title != "taken over"
    assert not browser.find_elements(By.CSS_SELECTOR, ".log script")
