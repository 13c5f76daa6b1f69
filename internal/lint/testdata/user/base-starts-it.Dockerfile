# want: user/runs_as_root
FROM nginx:1.29
COPY site /usr/share/nginx/html
RUN rm /etc/nginx/conf.d/default.conf
