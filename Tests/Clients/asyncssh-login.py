"""Logs in with asyncssh by a certificate. Prints `in` or `refused: WHY`.

asyncssh-login.py PORT LOGIN KEY CERTIFICATE KNOWN_HOSTS ALIAS
"""
import asyncio
import sys
import warnings

warnings.simplefilter("ignore")
import asyncssh  # noqa: E402


async def main(port, login, key, certificate, known_hosts, alias):
    try:
        async with asyncssh.connect(
                "127.0.0.1", int(port), username=login, config=None, agent_path=None, host_key_alias=alias,
                known_hosts=known_hosts, client_keys=[(key, certificate)],
                x509_trusted_certs=None) as connection:
            result = await connection.run("true")
            print("in", result.exit_status)
    except (asyncssh.Error, OSError) as error:
        print(f"refused: {type(error).__name__}: {error}")


asyncio.run(main(*sys.argv[1:]))
