#!/bin/sh
# Laid down by holdfast-provision image: installs this box from its own boot partition, as often as it takes.
# Wherever the power went the last time, it goes on from there.
set -eu
boot=$1
bundle=$boot/holdfast
work=/opt/holdfast/installer
export DEBIAN_FRONTEND=noninteractive
# Raspberry Pi OS asks on its screen for a name and a password until somebody answers; people come by key here.
if systemctl cat userconfig.service >/dev/null 2>&1; then
  systemctl disable --now --no-block userconfig.service
  rm -f /etc/ssh/sshd_config.d/rename_user.conf
fi
if [ ! -e "$work/.complete" ]; then
  dpkg --configure -a --force-confold
  if ! python3 -c 'import ensurepip' 2>/dev/null; then
    options='--yes --no-install-recommends --fix-broken -o DPkg::Lock::Timeout=600'
    if ls "$bundle"/debs/*.deb >/dev/null 2>&1; then
      none='-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=/dev/null'
      # shellcheck disable=SC2086 # words, not one argument
      apt-get $options $none --allow-downgrades install "$bundle"/debs/*.deb
    else
      apt-get update
      # shellcheck disable=SC2086
      apt-get $options install python3-venv
    fi
  fi
  rm -rf "$work"
  python3 -m venv "$work"
  index=
  [ ! -e "$bundle/offline" ] || index=--no-index
  "$work/bin/pip" --disable-pip-version-check install --quiet --no-cache-dir $index \
    --find-links "$bundle/wheels" holdfast
  sync
  touch "$work/.complete"
fi
exec "$work/bin/holdfast-provision" apply "$bundle/profile.toml" --bundle "$bundle"
