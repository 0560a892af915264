"""Logs in by what asyncssh makes of a configuration of ssh: asyncssh-config.py CONFIG HOST"""
import asyncio
import sys

import asyncssh


async def main(config, host):
    async with asyncssh.connect(host, config=[config], agent_path=None) as connection:
        print("in", (await connection.run("echo $((40 + 2))")).stdout.strip())


asyncio.run(main(*sys.argv[1:]))
