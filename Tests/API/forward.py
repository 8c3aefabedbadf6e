"""Carries TCP connections of one loopback port to a Unix socket: `forward.py PORT PATH`."""

import asyncio
import sys


async def pour(reader, writer):
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def carry(reader, writer):
    try:
        there, back = await asyncio.open_unix_connection(sys.argv[2])
    except OSError:
        writer.close()
        return
    await asyncio.gather(pour(reader, back), pour(there, writer))


async def main():
    server = await asyncio.start_server(carry, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
