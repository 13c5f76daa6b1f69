FROM golang AS build
# want: tools/npm
FROM node:24-alpine AS base
FROM base AS runtime
COPY --from=build /x /x
