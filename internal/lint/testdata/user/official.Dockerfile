# want: user/decides_who_it_runs_as
FROM haproxy:3.2
COPY haproxy.cfg /usr/local/etc/haproxy/
