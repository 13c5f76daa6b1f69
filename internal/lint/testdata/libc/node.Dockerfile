FROM node:24-alpine AS build
RUN npm ci
FROM node:24-trixie-slim AS runtime
# want: libc/musl
COPY --from=build /app/node_modules /app/node_modules
