#!/bin/sh
# Laid down by holdfast-provision image: installs this box from its own boot partition, as often as it takes.
set -eu
boot=$1
bundle=$boot/holdfast
work=/opt/holdfast/installer
if [ ! -x "$work/bin/holdfast-provision" ]; then
  if ! python3 -c 'import ensurepip' 2>/dev/null; then
    if ls "$bundle"/debs/*.deb >/dev/null 2>&1; then
      DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends --allow-downgrades \
        -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=/dev/null "$bundle"/debs/*.deb
    else
      apt-get update
      DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends python3-venv
    fi
  fi
  rm -rf "$work"
  python3 -m venv "$work"
  index=
  [ ! -e "$bundle/offline" ] || index=--no-index
  "$work/bin/pip" --disable-pip-version-check install --quiet --no-cache-dir $index \
    --find-links "$bundle/wheels" holdfast
fi
exec "$work/bin/holdfast-provision" apply "$bundle/profile.toml" --bundle "$bundle"
