FROM node:24 AS build
RUN npm run build
FROM debian:trixie-slim AS upload-artifact
COPY --from=build /app/dist /dist
RUN /upload.sh /dist
