"""Files that tests name to processes."""

import base64

from mlc.files import FileAsset


def embedded(name: str, text: str) -> FileAsset:
    """A CSV file that travels with the start."""
    content = base64.b64encode(text.encode()).decode()
    return FileAsset(asset_type="FILE", filename=name, file_format="CSV", file_content=content)


def external(url: str, file_format: str = "CSV") -> FileAsset:
    """A file that a runtime reads or writes."""
    return FileAsset.model_validate(
        {
            "assetType": "EXTERNAL_FILE",
            "fileUrl": url,
            "filename": url.rpartition("/")[2],
            "fileFormat": file_format,
        }
    )
