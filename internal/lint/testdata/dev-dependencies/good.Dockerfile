FROM node:24 AS build
RUN npm ci
RUN npm run build && npm prune --omit=dev
FROM build AS modules
RUN npm ci --omit=dev
FROM node:24 AS second
ENV NODE_ENV=production
RUN npm ci --include=dev && npm run build
FROM node:24 AS third
RUN npm ci --omit=dev && npm ci && npm run build
FROM node:24 AS folders
ENV NODE_ENV='production'
RUN npm --prefix server ci --omit=dev && npm --prefix web ci --include dev && npm --prefix web run build
