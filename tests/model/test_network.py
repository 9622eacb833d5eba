"""The network in parts: shapes, the coordinates it is told, ImageNet weights taken over, a step at the paper's size."""

from pathlib import Path

import pytest
import torch
from monai.networks.nets.efficientnet import EfficientNetBNFeatures
from safetensors.torch import save_file
from torch import nn

from opensvh.domain.errors import ConfigInvalid
from opensvh.model.config import LossConfig, ModelConfig
from opensvh.model.coordconv import with_coordinates
from opensvh.model.decoder import DecoderStage
from opensvh.model.depthwise import DepthwiseConv2d
from opensvh.model.encoder import BATCH_NORM, CLASSIFIER, WIDTHS, _published_name, build_encoder
from opensvh.model.losses import Targets, svh_losses
from opensvh.model.network import GREY_MEAN, SvHNet
from opensvh.model.pooling import expected_class, pool_scores
from opensvh.training.config import load_preset
from opensvh.training.module import seeded_network

SMALL = ModelConfig(encoder="b0", decoder=(32, 24, 16, 16, 8))


def test_coordinates_run_from_minus_one_to_one_over_pixel_centres() -> None:
    image = torch.rand(2, 1, 5, 9)
    grey, x, y = with_coordinates(image).unbind(1)
    assert torch.equal(grey, image[:, 0])
    assert x[0, 3].tolist() == pytest.approx([-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1])
    assert y[1, :, 0].tolist() == pytest.approx([-1, -0.5, 0, 0.5, 1])


@pytest.mark.parametrize(("stride", "every"), [(1, 2), (2, 2), (1, 4)])
def test_pixels_left_out_do_not_change_the_others(stride: int, every: int) -> None:
    network, picture = SvHNet(SMALL.model_copy(update={"output_stride": stride})).eval(), torch.rand(1, 1, 96, 64)
    with torch.no_grad():
        for whole, sampled in zip(network(picture), network(picture, every), strict=True):
            assert torch.allclose(whole[..., ::every, ::every], sampled, atol=1e-4)


@pytest.mark.parametrize(("stride", "erosion_classes"), [(1, 6), (2, 6), (4, 11)])
def test_maps_have_the_heads_classes_at_the_output_stride(stride: int, erosion_classes: int) -> None:
    config = SMALL.model_copy(update={"output_stride": stride, "erosion_classes": erosion_classes})
    with torch.no_grad():
        logits = SvHNet(config).eval()(torch.rand(1, 1, 96, 64))
    size = (96 // stride, 64 // stride)
    assert [tuple(each.shape) for each in logits] == [(1, 22, *size), (1, 5, *size), (1, erosion_classes, *size)]


def test_a_size_the_encoder_cannot_halve_five_times_is_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 32"):
        SvHNet(SMALL)(torch.rand(1, 1, 96, 70))


@pytest.mark.parametrize("name", WIDTHS)
def test_the_encoders_maps_have_the_widths_the_decoder_expects(name: str) -> None:
    with torch.device("meta"):
        encoder = build_encoder(name, "none")
        maps = encoder(torch.rand(1, 3, 64, 64))
    assert tuple(each.shape[1] for each in maps) == WIDTHS[name]
    assert [each.shape[2] for each in maps] == [32, 16, 8, 4, 2]


def test_a_rectified_map_goes_up_as_strong_as_before_it_was_rectified() -> None:
    torch.manual_seed(2)
    deep = torch.randn(2, 64, 12, 12).relu()
    with torch.no_grad():
        up = DecoderStage(64, 8, 32).up(deep)
    assert up.square().mean() == pytest.approx(2 * deep.square().mean(), rel=0.25)


@pytest.mark.parametrize(("share", "same"), [(0.0, True), (0.5, False)])
def test_blocks_are_left_out_in_training_at_the_configured_share(share: float, same: bool) -> None:
    torch.manual_seed(3)
    encoder, image = build_encoder("b0", "none", share), torch.rand(4, 3, 64, 64)
    with torch.no_grad():
        once, again = encoder(image)[-1], encoder(image)[-1]
    assert torch.equal(once, again) is same


@pytest.fixture(scope="module")
def colour() -> EfficientNetBNFeatures:
    """A network for colour pictures as ImageNet's is, with weights of its own."""
    torch.manual_seed(1)
    return EfficientNetBNFeatures("efficientnet-b0", pretrained=False, in_channels=3, norm=BATCH_NORM).eval()


def test_imagenet_weights_see_grey_as_they_saw_grey_in_colour(colour: EfficientNetBNFeatures, tmp_path: Path) -> None:
    kept = {k: v for k, v in colour.state_dict().items() if not k.startswith(CLASSIFIER)}
    save_file({_published_name(key): weight.contiguous() for key, weight in kept.items()}, tmp_path / "b0.safetensors")
    encoder = build_encoder("b0", str(tmp_path / "b0.safetensors")).eval()
    grey = torch.rand(1, 1, 64, 64) - GREY_MEAN
    with torch.no_grad():
        theirs, ours = colour(grey.expand(1, 3, 64, 64)), encoder(with_coordinates(grey))
    for one, other in zip(theirs, ours, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_weights_of_another_encoder_are_refused_by_name(tmp_path: Path) -> None:
    save_file({"_conv_stem.weight": torch.zeros(8, 3, 3, 3)}, tmp_path / "other.safetensors")
    with pytest.raises(ConfigInvalid, match=r"other\.safetensors: lacks"):
        build_encoder("b0", str(tmp_path / "other.safetensors"))
    with pytest.raises(ConfigInvalid, match=r"none\.pt: weights cannot be read"):
        build_encoder("b0", str(tmp_path / "none.pt"))


def test_damage_is_averaged_with_the_joints_probability_as_weight() -> None:
    generator = torch.Generator().manual_seed(2)
    joint = torch.rand(22, 4, 5, generator=generator).softmax(0)
    scores = torch.rand(5, 4, 5, generator=generator).softmax(0)
    pooled = pool_scores(joint, scores)
    for name in (1, 21):
        plain = sum(joint[name, r, c] * scores[:, r, c] for r in range(4) for c in range(5)) / joint[name].sum()
        torch.testing.assert_close(pooled[name], plain)
    assert float(expected_class(torch.tensor([0.5, 0.0, 0.0, 0.5, 0.0]))) == 1.5


def test_the_paper_preset_is_the_papers_model() -> None:
    preset = load_preset("paper")
    model, picture = preset.model, preset.preprocessing
    assert (model.encoder, model.radius_px, model.outer_radius_px, model.label_smoothing) == ("b5", 32, 40, 0.1)
    assert (picture.width, picture.height, model.output_stride, model.erosion_classes) == (864, 928, 1, 6)
    assert model.loss == LossConfig(joint=1, narrowing=1, erosion=1)


@pytest.mark.parametrize(
    "wrong",
    [{"decoder": (32, 16)}, {"outer_radius_px": 3.0}, {"pretrained": "somewhere"}, {"colour": 1}, {"output_stride": 3}],
)
def test_an_impossible_model_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ModelConfig.model_validate(SMALL.model_dump() | wrong)


@pytest.mark.slow
def test_one_step_of_the_papers_model_at_the_papers_size() -> None:
    preset = load_preset("paper")
    preset = preset.model_copy(update={"model": preset.model.model_copy(update={"pretrained": "none"})})
    network = seeded_network(preset)
    image = torch.rand(1, 1, 928, 864, generator=torch.Generator().manual_seed(0))
    joint = torch.zeros(1, 928, 864, dtype=torch.int64)
    joint[0, 400:460, 400:460] = 6
    narrowing, erosion = torch.zeros(1, 22, 5), torch.zeros(1, 22, 6)
    narrowing[0, 6, 2] = erosion[0, 6, 3] = 1
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4)
    before = network.heads.classify.weight.detach().clone()
    logits = network.train()(image)
    assert [tuple(each.shape) for each in logits] == [(1, n, 928, 864) for n in (22, 5, 6)]
    losses = svh_losses(logits, Targets(joint, narrowing, erosion), preset.model.loss)
    losses.total.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    assert torch.isfinite(losses.total)
    assert not torch.equal(before, network.heads.classify.weight)


def test_depthwise_convolutions_train_as_without_leaving_bf16() -> None:
    plain = nn.Conv2d(6, 6, 5, stride=2, groups=6, bias=False)
    image = torch.randn(2, 6, 17, 13, dtype=torch.bfloat16, requires_grad=True)
    seen = DepthwiseConv2d.taking_over(plain)
    with torch.autocast("cpu", torch.bfloat16):
        seen(image).float().square().sum().backward()
    assert seen(image.float()).dtype == torch.float32
    assert image.grad is not None
    assert image.grad.dtype == torch.bfloat16
    exact = image.detach().float().requires_grad_()
    wanted = torch.autograd.grad(plain(exact).square().sum(), [plain.weight, exact])
    assert seen.weight is plain.weight
    assert plain.weight.grad is not None
    torch.testing.assert_close(plain.weight.grad, wanted[0], rtol=0.02, atol=0.05)
    torch.testing.assert_close(image.grad.float(), wanted[1], rtol=0.05, atol=0.05)
