set -euo pipefail
export AWS_DEFAULT_REGION="$SSM_Region"
command -v aws >/dev/null || { echo 'the AWS CLI is not installed on this server' >&2; exit 1; }
failed=0
sync_directory() {
  local directory=$1 prefix=$2 owner=$3 files=$4 folders=$5
  shift 5
  mkdir -p -- "$directory"
  exec 9<"$directory"
  flock 9
  umask 022
  aws s3 sync "s3://$SSM_S3Bucket/$prefix" "$directory" --exact-timestamps --only-show-errors "$@" \
    --exclude '..' --exclude '../*' --exclude '*/..' --exclude '*/../*' \
    --exclude '.' --exclude './*' --exclude '*/.' --exclude '*/./*' \
    --exclude '[/]*' --exclude '*//*' --exclude '*/' </dev/null || failed=$?
  if [ -n "$owner" ]; then chown -hR -- "$owner" "$directory"; fi
  find "$directory" -type d ! -perm "$folders" -exec chmod "$folders" {} +
  find "$directory" -type f ! -perm "$files" -exec chmod "$files" {} +
  exec 9<&-
}
