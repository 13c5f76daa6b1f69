from pydantic import Field, PostgresDsn
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """What the environment says; there is no default for the database."""

    database_url: PostgresDsn
    pool_size: int = Field(default=10, ge=1)
    poll_seconds: float = Field(default=1.0, gt=0)

    @property
    def sqlalchemy_url(self) -> str:
        return str(self.database_url).replace("postgresql://", "postgresql+psycopg://", 1)
