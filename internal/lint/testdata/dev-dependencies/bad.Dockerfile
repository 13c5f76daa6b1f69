FROM node:24 AS build
RUN npm ci --omit=dev
# want: dev-dependencies/npm_run_build
RUN npm run build
FROM node:24 AS second
ENV NODE_ENV=production
RUN yarn install --immutable
# want: dev-dependencies/yarn_build
RUN yarn build
FROM node:24 AS quoted
ENV NODE_ENV="production"
RUN npm ci
# want: dev-dependencies/npm_run_build
RUN npm run build
FROM node:24 AS folder
RUN npm --prefix web ci --omit dev
# want: dev-dependencies/npm_--prefix_web
RUN npm --prefix web run build
