"""The completions, in the shells that they are for."""
import os
import pty
import re
import select
import subprocess

import pytest

HARNESS = r"""
source "$1"
complete -p kestub | grep -qx 'complete -F _kestub kestub' || exit 1
COMP_LINE=$2 COMP_POINT=${#2}
_kestub
printf '%s\n' "${COMPREPLY[@]}"
"""
# What is typed, what must be offered, and what must not.
OFFERS = [
    ("kestub ", {"serve", "check", "healthcheck", "openapi", "version", "help"}, {"--host"}),
    ("kestub he", {"healthcheck", "help"}, {"check"}),
    ("kestub --", {"--host", "--fault", "--help", "--version"}, {"serve", "--nope"}),
    ("kestub serve --ad", {"--admin", "--admin-token", "--admin-hosts"}, {"--auth"}),
    ("kestub --auth ", {"strict", "any", "off"}, {"--host"}),
    ("kestub serve --auth s", {"strict"}, {"any"}),
    ("kestub --server-version 2", {"2.0-rc", "2.0"}, {"1.3"}),
    ("kestub openapi --", {"--server-version"}, {"--host"}),
    ("kestub openapi --server-version 1", {"1.0", "1.3"}, {"2.0"}),
    ("kestub --fault ha", {"hang"}, {"flaky"}),
    ("kestub help op", {"openapi"}, {"help"}),
    ("kestub --fixture e", {"edge.json", "empty"}, {"default"}),
    ("kestub --mappings ", {"stubs"}, {"edge.json"}),
    ("kestub check ", {"edge.json", "stubs"}, {"serve"}),
    ("kestub --port ", set(), {"edge.json", "--host"}),
    ("kestub check --ver", {"--version"}, {"--server-version"}),
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "edge.json").touch()
    (tmp_path / "stubs").mkdir()
    return tmp_path


def lines(folder, *command):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


def bash(folder, installed, typed):
    script = installed / "share/bash-completion/completions/kestub.bash"
    return lines(folder, "bash", "-c", HARNESS, "bash", script, typed)


def fish(folder, installed, typed):
    script = installed / "share/fish/vendor_completions.d/kestub.fish"
    offered = lines(folder, "fish", "--no-config", "-c", f"source {script}; complete -C '{typed}'")
    return [line.partition("\t")[0].rstrip("/") for line in offered]


@pytest.mark.parametrize("typed, there, absent", OFFERS)
@pytest.mark.parametrize("shell", [bash, fish])
def test_offers(shell, typed, there, absent, folder, installed):
    offered = set(shell(folder, installed, typed))
    assert there <= offered, offered
    assert not absent & offered


@pytest.mark.parametrize("typed, offered", [
    ("kestub --auth=s", ["strict"]),
    ("kestub --fault flaky,ha", ["flaky,hang"]),
    ("kestub --fault=flaky,ha", ["flaky,hang"]),
    ("kestub --fault=hang=5:2,fl", ["2,flaky"]),  # since readline keeps what stands before the colon
    ("kestub --fixture=ed", ["edge.json"]),
])
def test_offers_values_in_bash(typed, offered, folder, installed):
    assert bash(folder, installed, typed) == offered


@pytest.mark.parametrize("typed, offered", [
    ("kestub --auth=s", ["--auth=strict"]),
    ("kestub --fault flaky,ha", ["flaky,hang"]),
    ("kestub --fixture=ed", ["--fixture=edge.json"]),
])
def test_offers_values_in_fish(typed, offered, folder, installed):
    assert fish(folder, installed, typed) == offered


def type_in_zsh(folder, installed, keys):
    """Types keys into an interactive zsh. Returns the words that kestub would get."""
    folder.joinpath(".zshrc").write_text(f"""
        fpath=({installed}/share/zsh/site-functions $fpath)
        autoload -U compinit && compinit -D -u
        unsetopt beep prompt_sp
        kestub() {{ print -r -- "<<${{(j:|:)@}}>>"; exit }}
    """)
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execvpe("zsh", ["zsh", "-i"], {**os.environ, "ZDOTDIR": str(folder), "TERM": "dumb", "PS1": "% "})
    shown = b""
    os.write(terminal, keys.encode() + b"\r")
    while b">>" not in shown and select.select([terminal], [], [], 30)[0]:
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # the shell has ended
            break
    os.close(terminal)
    os.waitpid(process, 0)
    words = re.search(r"<<(.*)>>", shown.decode())
    assert words, shown
    return words[1]


@pytest.mark.parametrize("keys, words", [
    ("kestub op\t", "openapi"),
    ("kestub --pas\th\t", "--password-cost=high"),
    ("kestub serve --auth st\t", "serve|--auth|strict"),
    ("kestub --fault fla\t", "--fault|flaky"),
    ("kestub openapi --se\t1.3", "openapi|--server-version=1.3"),
    ("kestub check ed\t", "check|edge.json"),
    ("kestub help ope\t", "help|openapi"),
    ("kestub --mappings st\t", "--mappings|stubs"),
    ("kestub --fixture ed\t", "--fixture|edge.json"),
    ("kestub --fixture emp\t", "--fixture|empty"),
])
def test_completes_in_zsh(keys, words, folder, installed):
    assert type_in_zsh(folder, installed, keys) == words
