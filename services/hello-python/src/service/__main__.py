"""python3 -m service"""

from servicekit import Settings, duration, run

from service.app import create_app
from service.peers import Peers, urls


def main() -> None:
    with Settings() as settings:
        peers = Peers(
            settings.read("PEERS", urls, ()), settings.read("PEERS_TIMEOUT", duration, 3.0)
        )
    run("hello-python", create_app(peers))


if __name__ == "__main__":
    main()
