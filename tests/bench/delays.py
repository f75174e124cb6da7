#!/usr/bin/env python3
"""Measures how long many delayed requests take together, and how much they slow down other requests.

Opens connections, sends a request with a delayed response on each, and waits for all. Then it measures
other requests with wrk: alone, and while as many delayed requests are waiting.
"""
import argparse
import pathlib
import re
import resource
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import time

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build-release"
TARGET = "tests/bench/bench-delayed"


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--delay", type=int, default=1000, help="in milliseconds")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each run of wrk")
    return parser.parse_args()


def send_all(port, count, delay):
    request = f"GET /health?delivery={delay},0,0,0 HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    clients = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(request)
        clients.append(client)
    return clients


def wait_all(clients):
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                if not key.fileobj.recv(4096).startswith(b"HTTP/1.1 200"):
                    sys.exit("a delayed request failed")
                selector.unregister(key.fileobj)
    for client in clients:
        client.close()


def measure(port, seconds):
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", f"http://127.0.0.1:{port}/health"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))


def main():
    arguments = parse_arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    subprocess.run(["ninja", "-C", BUILD, TARGET], check=True, stdout=sys.stderr)
    server = subprocess.Popen(
        [BUILD / TARGET, str(arguments.threads)], stdout=subprocess.PIPE, text=True
    )
    try:
        port = int(server.stdout.readline())
        took, alone, beside = [], [], []
        for _ in range(arguments.rounds):
            start = time.monotonic()
            wait_all(send_all(port, arguments.requests, arguments.delay))
            took.append(time.monotonic() - start)
            alone.append(measure(port, arguments.seconds))
            waiting = send_all(port, arguments.requests, (arguments.seconds + 3) * 1000)
            beside.append(measure(port, arguments.seconds))
            wait_all(waiting)
        print(f"{arguments.requests} requests, {arguments.delay} ms of delay, {arguments.threads} threads")
        print("all answered after, s:     ", " ".join(f"{seconds:.3f}" for seconds in took))
        print("others/s, alone:           ", " ".join(f"{rate:.0f}" for rate in alone))
        print("others/s, with delayed ones:", " ".join(f"{rate:.0f}" for rate in beside))
        ratio = statistics.median(b / a for a, b in zip(alone, beside))
        print(f"ratio, median: {ratio:.2f}")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


if __name__ == "__main__":
    main()
