# want: user/decides_who_it_runs_as
FROM quay.io/keycloak/keycloak:26.0
COPY theme /opt/keycloak/themes/ours
