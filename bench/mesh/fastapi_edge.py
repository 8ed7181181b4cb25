"""The rival of `bench edge`: one RPC as a good FastAPI service would serve it.

The same work as the edge does for it: find whose key it is by its SHA-256, validate the request, answer in JSON,
write one line of log. Started by uvicorn[standard] in one process.
"""

import hashlib
import hmac
import json
import logging
import os
import re
import sys
import time
import uuid
from datetime import datetime, timezone
from enum import Enum
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict, Field

KEY = re.compile(r"^anrf_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_([A-Za-z0-9_-]{43})$")

log = logging.getLogger("edge")
log.addHandler(logging.StreamHandler(sys.stdout))
log.setLevel(logging.INFO)
log.propagate = False


def key_parts(text: str) -> tuple[str, str]:
    found = KEY.match(text)
    if found is None:
        raise HTTPException(401, "unknown API key")
    return found.group(1), found.group(2)


known_id, known_secret = key_parts(os.environ["BENCH_KEY"])
KEYS = {known_id: (hashlib.sha256(known_secret.encode()).digest(), str(uuid.uuid4()))}


async def client(x_api_key: Annotated[str, Header()]) -> str:
    key_id, secret = key_parts(x_api_key)
    row = KEYS.get(key_id)
    if row is None or not hmac.compare_digest(hashlib.sha256(secret.encode()).digest(), row[0]):
        raise HTTPException(401, "unknown API key")
    return row[1]


class Kind(str, Enum):
    THUMB_UP = "THUMB_UP"
    THUMB_DOWN = "THUMB_DOWN"
    SCORE = "SCORE"
    COMMENT = "COMMENT"
    CORRECTION = "CORRECTION"


class Ask(BaseModel):
    model_config = ConfigDict(extra="forbid")
    anrfId: uuid.UUID
    version: Annotated[int, Field(ge=1)]
    kind: Kind
    comment: Annotated[str, Field(max_length=4000)] | None = None
    generationId: uuid.UUID | None = None
    idempotencyKey: Annotated[str, Field(max_length=200)] = ""


class Feedback(BaseModel):
    feedbackId: uuid.UUID
    anrfId: uuid.UUID
    version: int
    kind: Kind
    comment: str | None
    generationId: uuid.UUID | None
    createTime: datetime


class Answer(BaseModel):
    feedback: Feedback


app = FastAPI()


@app.post("/v1/feedback")
async def create_feedback(ask: Ask, who: Annotated[str, Depends(client)]) -> Answer:
    start = time.perf_counter()
    made = Feedback(
        feedbackId=ask.anrfId,
        anrfId=ask.anrfId,
        version=ask.version,
        kind=ask.kind,
        comment=ask.comment,
        generationId=ask.generationId,
        createTime=datetime.now(timezone.utc),
    )
    line = {
        "level": "info",
        "time": time.time(),
        "requestId": str(uuid.uuid4()),
        "client": who,
        "verb": "POST",
        "route": "/v1/feedback",
        "status": 200,
        "ms": round((time.perf_counter() - start) * 1000, 2),
        "msg": "http",
    }
    log.info(json.dumps(line))
    return Answer(feedback=made)
