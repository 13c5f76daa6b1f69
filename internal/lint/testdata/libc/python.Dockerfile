FROM python:3.13-slim AS build
RUN pip install -r requirements.txt --target=/install
FROM python:3.13-alpine AS runtime
# want: libc/glibc
COPY --from=build /install /usr/local/lib/python3.13/site-packages
