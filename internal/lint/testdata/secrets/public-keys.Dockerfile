FROM a
ADD vendor-pubkey.gpg.key /usr/share/keyrings/vendor.asc
COPY nginx_public_keys.key vendor.key /etc/apt/
COPY repo-signing.pub server.pub.key public-key.pem /etc/ssl/
# want: secrets/republic.key
COPY republic.key /etc/ssl/
# want: secrets/private
COPY public-private.key /etc/apt/
# want: secrets/id_rsa
COPY id_rsa /etc/apt/
# want: secrets/server.key
COPY server.key /etc/ssl/
COPY vendor-2026.key /usr/share/vendor-key.pub
# want: secrets/vendor-2026.key
COPY vendor-2026.key /usr/share/vendor.key
