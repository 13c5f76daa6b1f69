# Development dependencies left out before the build that needs them; npm in the image that ships, as root.
# want: pinned/node supported/node_20
FROM node:20-alpine AS builder
WORKDIR /app
COPY package*.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev
COPY . .
# want: dev-dependencies/npm_run_build
RUN npm run build

# want: pinned/node supported/node_20 tools/npm user/root
FROM node:20-alpine AS runtime
# want: maintainer
LABEL maintainer="team@example.com"
WORKDIR /app
ENV NODE_ENV=production
COPY --from=builder /app/node_modules ./node_modules
COPY --from=builder /app/dist ./dist
EXPOSE 3000
CMD ["node", "dist/index.js"]
