FROM node:24 AS dev
FROM node:24 AS runtime
