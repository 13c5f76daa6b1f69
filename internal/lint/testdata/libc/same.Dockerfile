FROM python:3.13-slim AS build
RUN pip install -r requirements.txt --target=/install
FROM gcr.io/distroless/python3-debian13 AS runtime
COPY --from=build /install /site-packages
