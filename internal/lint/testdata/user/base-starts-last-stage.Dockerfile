FROM node:24 AS build
RUN npm run build
# want: user/runs_as_root
FROM nginx:1.29
COPY --from=build /app/dist /usr/share/nginx/html
RUN rm /etc/nginx/conf.d/default.conf
