from datetime import datetime
from enum import StrEnum

from sqlalchemy import Enum, Index, String, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Status(StrEnum):
    NEW = "new"
    PACKED = "packed"


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    article: Mapped[str] = mapped_column(String(100))
    quantity: Mapped[int]
    status: Mapped[Status] = mapped_column(
        Enum(Status, native_enum=False, length=10, values_callable=lambda e: [s.value for s in e]),
        default=Status.NEW,
    )
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("orders_new", "id", postgresql_where="status = 'new'"),)
