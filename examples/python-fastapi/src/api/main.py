from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from api.database import connect
from api.models import Order, Status
from api.settings import Settings


class NewOrder(BaseModel):
    article: str = Field(min_length=1, max_length=100)
    quantity: int = Field(ge=1, le=1000)


class OrderOut(NewOrder):
    model_config = ConfigDict(from_attributes=True)

    id: int
    status: Status


def get_sessions(request: Request) -> sessionmaker[Session]:
    sessions: sessionmaker[Session] = request.app.state.sessions
    return sessions


# Not a session: one that a dependency opens keeps its connection until a thread is free to close
# it, and under load all threads wait for a connection.
Sessions = Annotated[sessionmaker[Session], Depends(get_sessions)]


def create_app(sessions: sessionmaker[Session] | None = None) -> FastAPI:
    """The application; without sessions, on the database that the environment names."""
    if sessions is None:
        engine, sessions = connect(Settings())
    else:
        engine = None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.sessions = sessions
        yield
        if engine is not None:
            engine.dispose()

    app = FastAPI(title="Orders", lifespan=lifespan)

    @app.get("/healthz")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def ready(sessions: Sessions) -> dict[str, str]:
        try:
            with sessions() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, "no database") from error
        return {"status": "ok"}

    @app.get("/orders")
    def list_orders(sessions: Sessions, limit: int = 20) -> list[OrderOut]:
        query = select(Order).order_by(Order.id.desc()).limit(min(limit, 100))
        with sessions() as session:
            return [OrderOut.model_validate(order) for order in session.scalars(query)]

    @app.post("/orders", status_code=status.HTTP_201_CREATED)
    def add_order(new: NewOrder, response: Response, sessions: Sessions) -> OrderOut:
        with sessions.begin() as session:
            order = Order(**new.model_dump())
            session.add(order)
            session.flush()
            response.headers["location"] = f"/orders/{order.id}"
            return OrderOut.model_validate(order)

    @app.get("/orders/{order_id}")
    def show_order(order_id: int, sessions: Sessions) -> OrderOut:
        with sessions() as session:
            order = session.get(Order, order_id)
            if order is None:
                raise HTTPException(status.HTTP_404_NOT_FOUND, "no such order")
            return OrderOut.model_validate(order)

    return app
