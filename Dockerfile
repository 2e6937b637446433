# npm run release -- out && docker buildx build --platform linux/amd64,linux/arm64 -t REGISTRY/promline:0.1.0 --push out
#
# The base and what scripts/image-root.sh puts together. It lies in the directory of a release beside the archive it needs.

FROM node:26-trixie-slim@sha256:930557a230abacbc3f4fd9b8648abf8f4bee1e17cb72195dcdfb2f709bc85b33
ADD promline-image-root-*.tar.gz /
USER 65532:65532
CMD ["/usr/local/bin/promline", "run", "--conf-dir", "/etc/promline/conf.d"]
