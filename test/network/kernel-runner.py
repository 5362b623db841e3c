"""One network namespace's programs: listens where it is told to, and connects for whoever asks, a line of JSON each way."""
import json
import socket
import sys
import threading

KINDS = {
    "tcp": (socket.SOCK_STREAM, socket.IPPROTO_TCP),
    "udp": (socket.SOCK_DGRAM, socket.IPPROTO_UDP),
    "sctp": (socket.SOCK_STREAM, 132),
}
NAME = sys.argv[1]
TIMEOUT = float(sys.argv[2])


def make(protocol, family):
    kind, number = KINDS[protocol]
    return socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET, kind, number)


def told(address):
    return json.dumps({"name": NAME, "source": address[0]}).encode()


def serve_stream(listener):
    while True:
        connection, address = listener.accept()
        connection.sendall(told(address))
        connection.close()


def serve_datagrams(listener):
    while True:
        _, address = listener.recvfrom(100)
        listener.sendto(told(address), address)


def listen(protocol, port):
    for family, anywhere in ((4, "0.0.0.0"), (6, "::")):
        listener = make(protocol, family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == 6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((anywhere, port))
        if protocol != "udp":
            listener.listen(20)
        serve = serve_datagrams if protocol == "udp" else serve_stream
        threading.Thread(target=serve, args=(listener,), daemon=True).start()


def connect(ask):
    try:
        client = make(ask["protocol"], ask["family"])
    except OSError as error:
        return {"verdict": "unsupported", "error": str(error)}
    with client:
        client.settimeout(TIMEOUT)
        try:
            if ask.get("bind"):
                client.bind((ask["bind"], 0))
            client.connect((ask["address"], ask["port"]))
            if ask["protocol"] == "udp":
                client.send(b"?")
            return {"verdict": "accepted", **json.loads(client.recv(1000))}
        except ConnectionRefusedError:
            return {"verdict": "refused"}
        except PermissionError:
            # A datagram that the sender's own kernel refuses.
            return {"verdict": "refused"}
        except TimeoutError:
            return {"verdict": "dropped"}
        except OSError as error:
            return {"verdict": "unreachable", "error": str(error)}


for protocol, port in json.loads(sys.argv[3]):
    try:
        listen(protocol, port)
    except OSError as error:
        if protocol != "sctp":
            raise
        print(f"no SCTP: {error}", file=sys.stderr)
print(json.dumps({"ready": NAME}), flush=True)
for line in sys.stdin:
    print(json.dumps(connect(json.loads(line))), flush=True)
