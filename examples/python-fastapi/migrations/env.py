from logging.config import fileConfig

from alembic import context

from api.database import connect
from api.models import Base
from api.settings import Settings

if context.config.config_file_name:
    fileConfig(context.config.config_file_name)

settings = Settings()
if context.is_offline_mode():
    context.configure(
        url=settings.sqlalchemy_url, target_metadata=Base.metadata, literal_binds=True
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    engine, _ = connect(settings)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()
