"""What leaves in a second: the road of pushes beside a pool of threads of wechatpy."""
