"""The JSON API that the mini programs of WeChat and Alipay call, mounted at `/api/v1`.

Start-up enters, by `api_app`, and hands in everything the API needs (`Doors`): it knows neither
handlers nor channels. What a front end calls stands in docs/mini-program.md.
"""
