FROM a
# want: secrets/LABEL_holds_a_GitHub_token
LABEL token=ghp_0123456789abcdefghijklmnopqrstuvwxyz
# want: secrets/CMD_holds_a_GitLab_token
CMD ["server", "--token", "glpat-0123456789abcdefghij"]
# want: secrets/ENTRYPOINT_holds_an_AWS_key
ENTRYPOINT server --key AKIAABCDEFGHIJKLMNOP
# want: secrets/HEALTHCHECK_holds_a_password_in_a_URL
HEALTHCHECK CMD curl -f http://admin:hunter2@localhost/
# want: secrets/RUN_holds_an_npm_token
RUN ./login npm_0123456789abcdefghijklmnopqrstuvwxyz
# want: secrets/ADD_holds_a_password_in_a_URL
ADD https://me:hunter2@example.com/x /x
# want: secrets/ENV_ANYTHING_holds_a_Slack_token
ENV ANYTHING=xoxb-0123456789-abcdefghij
# want: secrets/COPY_holds_a_private_key
COPY <<EOT /key
-----BEGIN OPENSSH PRIVATE KEY-----
EOT
# want: secrets/RUN_holds_a_private_key
RUN <<EOT
echo "-----BEGIN EC PRIVATE KEY-----" > /key
EOT
# Words that only look like them.
LABEL a=ghp_short b=npm_config_registry c=AKIA-is-a-prefix d=https://example.com:8080/x@y e=xox-files
CMD ["server", "--pattern=glpat-", "-----BEGIN CERTIFICATE-----", "hf_transfer"]
