"""Stands for the code under test: sets groups, and tries again when the server is not well."""
import requests

ALAN = "2EPi5XC0oluKRCVF56gcC"
PLATFORM = "7C1klfgdQmLTCyrnlejrtg"
DATA_ENG = "4LeYKUcqzLlRGlnKAzeqvF"
TOKEN = "KESTUB-root-token-for-tests-only-0123456789"


class Client:
    def __init__(self, url):
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {TOKEN}"

    def set_groups(self, user, groups):
        url = f"{self.url}/api/v1/main/users/{user}/groups"
        for _ in range(3):
            try:
                answer = self.session.put(url, json={"groupIds": groups}, timeout=5)
            except requests.ConnectionError:
                continue
            if answer.status_code < 500:
                break
        answer.raise_for_status()

    def groups_of(self, user):
        answer = self.session.get(f"{self.url}/api/v1/users/{user}", timeout=5)
        return [group["id"] for group in answer.json()["groups"]]
